// Package trend makes what a graph shows of tags' past out of what the journal has of it: the samples themselves where they are
// few, else the least, the mean and the greatest of as many stretches of time as the graph has room for, and in which times
// there is nothing to be shown and why. It reads nothing itself: package bridge gives it the samples.
package trend
