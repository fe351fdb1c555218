package place

// Heirs is for each of endpoints the name of the member that is to read it once its Owner is gone, or that is to read it now where
// nobody does; "": nobody would. It makes a choice for each member that has something.
func Heirs(members []Member, endpoints []Endpoint) []string {
	heirs := make([]string, len(endpoints))
	owned := map[string][]int{}
	for i := range endpoints {
		owned[endpoints[i].Owner] = append(owned[endpoints[i].Owner], i)
	}
	left := make([]Member, 0, len(members))
	for owner, list := range owned {
		left = left[:0]
		for _, m := range members {
			if m.Name != owner {
				left = append(left, m)
			}
		}
		to := Choose(left, endpoints)
		for _, i := range list {
			if to[i] != Nobody {
				heirs[i] = left[to[i]].Name
			}
		}
	}
	return heirs
}
