"""What a page of ours is made of: templates that escape whatever they are given, one skeleton, one stylesheet, plots.

Imports nothing of ours. Read `rendering` (fills a template), `parts` (what a module hands over: cards, tiles, tables),
`skeleton.html` and `parts.html`, then `page.css`, last `drawing` (matplotlib as inline SVG). A page's own template lies
beside the module that fills it and extends the skeleton. The server imports all of it but `drawing`.
"""
