"""Pictures, and regions of pictures, that look like another: by the vectors that analyzers made of them."""
