"""What pictures look like, whatever bytes they are written in: by this, like ones are found."""
