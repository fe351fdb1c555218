// Package window reckons values over windows of time, and totals that grow for ever: averages, extremes, shares, counters,
// integrals. Names and rules are those of OPC UA Part 13 as far as it has them. Time is that of the samples; nothing here has
// a clock, does I/O or allocates for a sample.
package window
