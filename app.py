"""`flask --app app` finds the app here; `python app.py` serves it like `portal serve`."""

from portal import create_app

if __name__ == "__main__":
    from portal.cli import main

    main(["serve"])
else:
    app = create_app()
