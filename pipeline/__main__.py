"""`python -m pipeline` is `billing-to-sap`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
