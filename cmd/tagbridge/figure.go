package main

import "strconv"

// figure is v with so many significant digits and without an exponent, for people.
func figure(v float64, digits int) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64) // it is a number
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
