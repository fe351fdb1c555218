// Package sunspec turns what a SunSpec device says of itself into a tag map: it walks the device's models, knows the points
// of those that are useful (models.txt), and makes rows of them. It reads registers by a function that it is given, and
// does nothing else; the verb sunspec calls it.
package sunspec
