"""The console in a real Chromium, with Debian's browser driven by Playwright: `make test-browser`.

A machine without the browser fails these tests; nothing is skipped. Pictures of every screen are left in `build/console`.
"""
