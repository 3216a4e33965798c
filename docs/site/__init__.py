"""The site: the course as one folder that any static host serves. `make site` runs `python -m docs.site`.

Each part is a package here with `build(target)`, which writes its pages into the folder `target`. The book lies at the
top of the site, each other part in the folder of its name. No page asks another host for anything.
"""
