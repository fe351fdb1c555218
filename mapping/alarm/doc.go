// Package alarm judges the values of a tag by its limits: which level of alarm there is, with delays, a deadband, and what
// bad values do to it. Nothing here has a clock, does I/O or allocates for a sample; who calls it says what time it is. What
// it leaves out is what needs people: acknowledging, shelving, suppressing.
//
// The rules are those that controllers have (Logix ALMA, OPC UA Part 9 with its exclusive limits, ISA-18.2):
//
//   - A value at the limit, or beyond it, for the on-delay raises its level. A value back from the limit by more than the
//     deadband for the off-delay ends it. One sample that says otherwise has the delay begin anew.
//   - The levels are exclusive: the worst is the one that there is. From hihi it goes back to hi, and a value that is low is
//     not high any more, whatever the off-delay says.
//   - Without a value the state stays as it is, and delays stand still: they go on with the next value. A line that loses
//     every third answer does not keep an alarm from coming.
package alarm
