"""What people say of images and decide about findings (spec/annotations.md).

`rules` decides who may do what, `store` keeps what is not published, `saying` and `deciding` are the edges to
it, `publish` puts it into the log, `waiting` and `ranking` tell what is to be looked at, and in which order.
"""
