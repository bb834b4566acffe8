"""Who comes in to the console: signing in and out, what a form has to prove, where a browser may be sent.

Imports `frame`, `domain`, `store` and `models.ground`. Read `form_token`, `own_addresses`, `sign_in_page` and its
template, `doorkeeper` (what stands before every page: who asks, may they, did the form come from us; errors as pages),
`no_page.html`.
"""
