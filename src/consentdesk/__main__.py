"""`python -m consentdesk` is `consentdesk`."""

from consentdesk.cli import main

if __name__ == "__main__":
    main()
