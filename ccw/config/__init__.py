"""What a project has configured: the file, its references, the edits."""
