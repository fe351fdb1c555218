package cause

import "errors"

// Refused reports that nothing listens at the other side's port.
func Refused(err error) bool { return isOne(err, refused) }

// Unreachable reports that there is no way to the other side's host.
func Unreachable(err error) bool { return isOne(err, unreachable) }

// Broken reports that the other side, or what is between, ended a connection without a farewell.
func Broken(err error) bool { return isOne(err, broken) }

// Taken reports that another program listens at an address already.
func Taken(err error) bool { return isOne(err, taken) }

// Foreign reports that this machine does not have an address that was to be listened at.
func Foreign(err error) bool { return isOne(err, foreign) }

func isOne(err error, of []error) bool {
	for _, e := range of {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
