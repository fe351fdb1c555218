package modbus

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

func inUse(path string, err error) error {
	return fmt.Errorf("serial port %s is in use by another program or line: %w", path, err)
}

// setUpError is why the parameters of a port cannot be set.
func setUpError(o LinkOptions, err error) error {
	switch {
	case o.RS485.Enabled && strings.Contains(err.Error(), "RS485"):
		return fmt.Errorf("serial port %s has no direction control of its own, leave rs485 out: %w", o.Address, err)
	case errors.Is(err, syscall.ENOTTY), strings.Contains(err.Error(), syscall.ENOTTY.Error()):
		return fmt.Errorf("%s is not a serial port: %w", o.Address, err)
	}
	return fmt.Errorf("set up serial port %s: %w", o.Address, err)
}

// portList names the ports that there are.
func portList() string {
	ports := portsThere()
	if len(ports) == 0 {
		return "there is no serial port: is the adapter plugged in?"
	}
	return "there are: " + strings.Join(ports, ", ")
}
