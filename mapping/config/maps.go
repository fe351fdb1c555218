package config

// usedMaps are the maps that were named by now.
type usedMaps struct {
	list  []Map
	index map[string]int // of files, by their paths
}

// add takes note of the maps of a device.
func (u *usedMaps) add(config string, r *readDevice) {
	if r.list.Rows > 0 {
		u.list = append(u.list, Map{File: config, Rows: r.list.Rows, Devices: []string{r.Name}})
	}
	for _, file := range r.list.Files {
		i, known := u.index[file]
		if !known {
			i = len(u.list)
			u.index[file] = i
			u.list = append(u.list, Map{File: file})
		}
		if r.Name != "" {
			u.list[i].Devices = append(u.list[i].Devices, r.Name)
		}
	}
}
