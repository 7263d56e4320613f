"""Images that look unlike the others of their taxon: likely misidentified, or poor."""
