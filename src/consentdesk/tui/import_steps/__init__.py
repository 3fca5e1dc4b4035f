"""The steps of loading a file, one module each; `consentdesk.tui.screens.import_file` leads through them."""
