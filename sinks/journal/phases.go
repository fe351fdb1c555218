package journal

// What only some may do with a journal, and when, are methods of types of their own: they have all that it has.
type (
	// opening is the journal while Open takes over the files that an earlier process left: nobody else has it yet.
	opening struct{ *Journal }
	// disk writes and syncs: for Run's goroutines and Close, and one at a time as files says.
	disk struct{ *Journal }
	// tidier logs losses, and removes what is not needed or not allowed any more: for Run's goroutine that does so, and for a
	// moment for a writer that finds the disk full; files.giving is held by the one of them that gives something up.
	tidier struct{ *Journal }
	// indexer makes indexes of segments: for Run's goroutine that does so.
	indexer struct{ *Journal }
)
