"""`python -m pipeline` is `billing-to-sap`."""

from pipeline.cli import program

if __name__ == "__main__":
    program()
