package web

import "tagbridge/cmd/tagbridge/bridge"

// clusterMetrics are those of a member of a cluster, as it sees the others; a bridge alone has none of them.
var clusterMetrics = []metric[bridge.ShareState]{
	gauge("cluster_attached", "1 while the member hears, and is heard by, most of the NATS servers; 0 while it is cut off.", nil,
		func(s *bridge.ShareState, put put) { put(ratio(s.Attached)) }),
	gauge("cluster_members", "Members by state: living; gone, which were silent for long and had not said that they leave.", []string{"state"},
		func(s *bridge.ShareState, put put) {
			living, gone := 0, 0
			for i := range s.Members {
				switch m := &s.Members[i]; {
				case m.Gone:
					gone++
				case !m.Silent:
					living++
				}
			}
			put(float64(living), "living")
			put(float64(gone), "gone")
		}),
	gauge("cluster_name_taken", "1 while another member has the name of this one.", nil,
		func(s *bridge.ShareState, put put) { put(ratio(s.Problem != "")) }),
	gauge("cluster_endpoints", "Endpoints by who reads them: here, elsewhere, nobody; twice are those of them that two members read.", []string{"read"},
		func(s *bridge.ShareState, put put) {
			var here, elsewhere, nobody, twice int
			for i := range s.Endpoints {
				switch e := &s.Endpoints[i]; {
				case e.Here:
					here++
				case e.Owner != "":
					elsewhere++
				default:
					nobody++
				}
				if len(s.Endpoints[i].Also) > 0 {
					twice++
				}
			}
			put(float64(here), "here")
			put(float64(elsewhere), "elsewhere")
			put(float64(nobody), "nobody")
			put(float64(twice), "twice")
		}),
	counter("cluster_moves_total", "Endpoints that the member began to read, and that it left.", []string{"way"},
		func(s *bridge.ShareState, put put) {
			put(float64(s.Counts.Taken), "taken")
			put(float64(s.Counts.Left), "left")
		}),
	counter("cluster_takeovers_total", "Endpoints that the member took from one that was silent.", nil,
		func(s *bridge.ShareState, put put) { put(float64(s.Counts.Takeovers)) }),
	counter("cluster_isolated_seconds_total", "Time in which the member was cut off.", nil,
		func(s *bridge.ShareState, put put) { put(s.Counts.Isolated.Seconds()) }),
	gauge("cluster_copy_behind_samples", "Samples of a member that some sink still needs and that are not in its stream, as that member says; nothing of one that copies nothing.", []string{"member"},
		func(s *bridge.ShareState, put put) {
			eachCopy(s, func(m *bridge.ShareMember) { put(float64(m.Copy.Behind), m.Node) })
		}),
	gauge("cluster_copy_behind_seconds", "How old the oldest of them is.", []string{"member"},
		func(s *bridge.ShareState, put put) {
			eachCopy(s, func(m *bridge.ShareMember) { put(m.Copy.Age.Seconds(), m.Node) })
		}),
	gauge("cluster_server_connected", "1 while a NATS server of the cluster is connected.", []string{"server"},
		func(s *bridge.ShareState, put put) {
			for i := range s.Servers {
				put(ratio(s.Servers[i].Up), s.Servers[i].Address)
			}
		}),
	counter("cluster_beats_lost_total", "Beats of other members that a NATS server did not hand over.", []string{"server"},
		func(s *bridge.ShareState, put put) {
			for i := range s.Servers {
				put(float64(s.Servers[i].Lost), s.Servers[i].Address)
			}
		}),
}

// eachCopy calls f for each node that copies, once: two may have one name.
func eachCopy(s *bridge.ShareState, f func(m *bridge.ShareMember)) {
	said := map[string]bool{}
	for i := range s.Members {
		if m := &s.Members[i]; m.Copy.Copies && !said[m.Node] {
			said[m.Node] = true
			f(m)
		}
	}
}

// copyMetrics are those of the copy of what a bridge has read; one that copies nothing has none of them.
var copyMetrics = []metric[bridge.CopyState]{
	gauge("cluster_copy_working", "1 while what the member reads is copied, 0 while something keeps that from going on.", nil,
		func(s *bridge.CopyState, put put) { put(ratio(s.Error == "")) }),
	counter("cluster_copied_samples_total", "Samples that the stream of the member has acknowledged.", nil,
		func(s *bridge.CopyState, put put) { put(float64(s.Samples)) }),
	counter("cluster_copied_bytes_total", "Bytes that they took.", nil,
		func(s *bridge.CopyState, put put) { put(float64(s.Bytes)) }),
	counter("cluster_copy_missed_samples_total", "Samples that could not be copied.", []string{"reason"},
		func(s *bridge.CopyState, put put) {
			for reason, n := range s.Missed {
				put(float64(n), reason)
			}
		}),
}
