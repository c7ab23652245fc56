"""Pictures of norms and witnesses."""
