"""Programs beside the images: each turns pictures into findings that anyone can make again."""
