"""Packed contexts on disk: sessions with their life, size bound and statistics."""
