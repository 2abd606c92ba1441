"""`python app.py` serves the shop; `app` is what the flask command finds."""

from portal import create_app


def __getattr__(name: str) -> object:
    if name == "app":
        return create_app()
    raise AttributeError(name)


if __name__ == "__main__":
    from portal.cli import main

    main(["serve"])
