"""Pictures of runs, orders and measurements.

What a picture shows is planned here. `axes/` draws it by matplotlib, `svg/` where matplotlib is missing.
"""
