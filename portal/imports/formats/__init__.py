"""Files of every format as rows of cells: CSV, XLSX, JSON."""
