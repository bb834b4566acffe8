"""What every page of the console stands on: who asks for what, texts in two languages, figures, tables, the frame around.

Imports `domain`, `store`, `settings`, `models.ground` and `models.pages`. Read `texts` (the message files in
`languages/`), `visit` (one request), `shown_page` with `frame.html` and `console.css` (how it is answered), `listing`
with `listing.html` (tables that sort, filter, page and go out as CSV).
"""
