package config

// DidYouMean is the end of a message about a word that is none of candidates: it names the one that was probably meant,
// or is empty.
func DidYouMean(word string, candidates []string) string { return didYouMean(word, candidates) }
