"""What a page of ours is made of: one stylesheet, and plots in the page's own colours.

Imports nothing of ours. Read `drawing` (matplotlib as inline SVG), then `page.css`.
"""
