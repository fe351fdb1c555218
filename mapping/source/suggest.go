package source

import "strings"

// synonyms are what other programs and other people call things: any of these words is answered with the key or
// column of ours that it is likely to mean, where there is such a one.
var synonyms = map[string]string{
	"slave": "unit_id", "slaveid": "unit_id", "station": "unit_id", "stationid": "unit_id", "unitnumber": "unit_id",
	"node": "address", "nodeid": "address", "register": "address", "reg": "address", "addr": "address",
	"host": "url", "port": "url", "endpoint": "url", "server": "url", "broker": "url", "uri": "url",
	"interval": "poll", "period": "poll", "cycle": "poll", "scanrate": "poll", "pollinterval": "poll", "rate": "poll",
	"byteorder": "order", "wordorder": "order", "endian": "order", "endianness": "order", "endianess": "order",
	"datatype": "type", "format": "type", "factor": "scale", "gain": "scale", "multiplier": "scale", "slope": "scale",
	"bias": "offset", "units": "unit", "engunit": "unit", "uom": "unit", "name": "tag", "tagname": "tag",
	"comment": "description", "comments": "description", "remark": "description", "note": "description",
	"low": "min", "high": "max", "tags_file": "tags", "map": "tags", "points": "tags", "retry": "retries",
	"hysteresis": "deadband", "database": "bucket", "db": "bucket", "organization": "org", "organisation": "org",
	"filter": "match", "prefix": "topic", "user": "username", "pass": "password", "protocol": "driver", "type": "driver", "driver": "type",
	"batchsize": "batch", "flushinterval": "flush", "file": "path", "filename": "path", "kind": "type",
	"cert": "certificate", "insecureskipverify": "insecure", "cafile": "ca", "disabled": "enabled", "delay": "pause",
	"mqtt_version": "version", "protocolversion": "version", "clientid": "client_id", "address": "url",
	"faktor": "scale", "einheit": "unit", "adresse": "address", "typ": "type", "beschreibung": "description", "bezeichnung": "tag",
	"intervall": "poll", "unite": "unit", "facteur": "scale",
	"states": "enum", "values": "enum", "rawlow": "raw_min", "rawhigh": "raw_max", "englow": "eng_min", "enghigh": "eng_max",
}

// nearest is the candidate that word most likely means, or "".
func nearest(word string, candidates []string) string {
	plainWord := FoldName(word)
	best, bestDistance := "", 1+max(1, min(3, len(plainWord)/3))
	for _, c := range candidates {
		if isBeginning(plainWord, FoldName(c)) && bestDistance > 1 {
			best, bestDistance = c, 1
		}
		if d := Distance(plainWord, FoldName(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if bestDistance <= 1 {
		return best
	}
	if known, ok := synonyms[plainWord]; ok {
		for _, c := range candidates {
			if c == known {
				return c
			}
		}
	}
	return best
}

// isBeginning reports that one is the other cut short, as in influx for influxdb.
func isBeginning(a, b string) bool {
	return min(len(a), len(b)) >= 3 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// DidYouMean is the end of a message about a word that is none of candidates: it names the one that was probably meant,
// or is empty.
func DidYouMean(word string, candidates []string) string {
	if c := nearest(word, candidates); c != "" {
		return ": did you mean " + c + "?"
	}
	return ""
}

// FoldName is a name as people remember it: without case, blanks and signs.
func FoldName(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '.':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// Distance is how many letters must be put in, left out, changed or swapped with their neighbour to make b of a, as
// far as it is under limit.
func Distance(a, b string, limit int) int {
	if diff := len(a) - len(b); diff >= limit || -diff >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
