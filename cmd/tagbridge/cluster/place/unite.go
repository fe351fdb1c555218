package place

// unite makes one endpoint of those of one unit, and says which of them each has become; nil: each is itself. Its key is that of the
// unit, and its owner is the one that has most of its load, so that where a unit has come to be of several the least moves.
func unite(endpoints []Endpoint) (units []Endpoint, of []int) {
	if !anyUnit(endpoints) {
		return endpoints, nil
	}
	of = make([]int, len(endpoints))
	index := map[string]int{}
	loads := map[string]map[string]float64{} // by unit and owner
	for i, e := range endpoints {
		at, known := index[e.Unit]
		if e.Unit == "" || !known {
			at = len(units)
			units = append(units, e)
		}
		of[i] = at
		if e.Unit == "" {
			continue
		}
		u := &units[at]
		if !known {
			index[e.Unit], loads[e.Unit] = at, map[string]float64{}
			u.Key, u.Load = e.Unit, 0
		}
		u.Load += loadOf(&e)
		loads[e.Unit][e.Owner] += loadOf(&e)
	}
	for unit, at := range index {
		units[at].Owner = mostOf(loads[unit])
	}
	return units, of
}

func anyUnit(endpoints []Endpoint) bool {
	for i := range endpoints {
		if endpoints[i].Unit != "" {
			return true
		}
	}
	return false
}

// mostOf is the owner with the largest load, of two the one that comes first by its name; "": nobody has anything.
func mostOf(loads map[string]float64) (owner string) {
	for name, load := range loads {
		if name == "" {
			continue
		}
		if best := loads[owner]; owner == "" || load > best || load == best && name < owner {
			owner = name
		}
	}
	return owner
}
