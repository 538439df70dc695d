"""Facts about programs. An analysis changes nothing, and says which way an error is safe."""
