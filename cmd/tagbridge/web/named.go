package web

import (
	"fmt"
	"net/http"
	"slices"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// takeOfDevice is take of q, which asks something of the device that is called *name then, and that device; nil: there is none,
// or q is not what is asked for, which is answered.
func (p *pages) takeOfDevice(w http.ResponseWriter, r *http.Request, q any, name *string) *config.Device {
	if !take(w, r, q) {
		return nil
	}
	devices := p.bridge.Config().Devices
	if i := slices.IndexFunc(devices, func(d config.Device) bool { return d.Name == *name }); i >= 0 {
		return &devices[i]
	}
	var names []string
	for i := range devices {
		names = append(names, devices[i].Name)
	}
	refuse(w, http.StatusBadRequest, "%s", noSuch("device", *name, names))
	return nil
}

// noSuch says that no device, or sink, has that name, of the names that there are.
func noSuch(what, name string, names []string) string {
	return fmt.Sprintf("there is no %s %q%s", what, source.Shorten(name), source.DidYouMean(name, names))
}
