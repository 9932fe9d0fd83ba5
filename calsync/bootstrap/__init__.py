"""The composition root: configuration in, a whole installation out. The only importer of providers.

Everything is built by plain calls (`assembly.build`); nothing is registered, discovered or kept in
a module. Nothing is loaded here, so that who needs the store alone loads no providers.
"""
