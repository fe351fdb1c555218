package modbus

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/sys/windows/registry"
)

// portError is why a serial port cannot be opened, with what to do about it.
func portError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; %s", err, portList())
	case errors.Is(err, fs.ErrPermission):
		return inUse(path, err) // Windows has one word for both, and gives ports to everybody
	}
	return err
}

// portsThere are the ports that there are, as Windows lists them for all programs.
func portsThere() []string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `HARDWARE\DEVICEMAP\SERIALCOMM`, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer key.Close()
	names, err := key.ReadValueNames(0)
	if err != nil {
		return nil
	}
	var ports []string
	for _, name := range names {
		if port, _, err := key.GetStringValue(name); err == nil {
			ports = append(ports, "/"+port)
		}
	}
	slices.Sort(ports)
	return ports
}
