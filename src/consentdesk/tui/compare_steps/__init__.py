"""The steps of a comparison, one module each; `consentdesk.tui.screens.compare` leads through them."""
