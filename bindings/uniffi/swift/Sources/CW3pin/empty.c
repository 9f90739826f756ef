// Swift Package Manager takes no target without a source.
