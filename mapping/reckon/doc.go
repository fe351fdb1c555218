// Package reckon makes tags of all that others have been: windows of time, totals, alarms. A Reckoner is fed with the samples
// of the journal, in its order, and with the time; what it gives is a function of these alone, so that it can go on after a
// kill from any state that was kept, and counts each sample once. What is reckoned of the values of one tag is a Machine's
// business. Nothing here has a clock, does I/O or allocates for a sample.
package reckon
