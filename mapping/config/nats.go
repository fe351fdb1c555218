package config

import (
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// NATS is the options of a sink of type nats.
type NATS struct {
	URLs []source.Secret // of the servers of one cluster, without user and password
	NATSLogin
	Subject  mapping.Template
	Stream   string // that has to take the messages; "": any
	Format   string // batch line json value
	Compress string // none gzip zstd, of batch and line
	InFlight int    // messages without an acknowledgement at most
}

// NATSLogin is how one logs in to a NATS server, one way of it or none.
type NATSLogin struct {
	Username        string
	Password        source.Secret
	Credentials     source.Secret // text of a .creds file; "": none, or in a file
	CredentialsFile string        // "": none
	NKey            source.Secret // seed of a user
}

func natsKind() sinkKind {
	return sinkKind{
		name:    "nats",
		keys:    []string{"url", "tls", "username", "password", "credentials", "nkey", "subject", "stream", "format", "compress", "in_flight"},
		schemes: []string{"nats", "tls"},
		ports:   []string{"4222", "4222"},
		meant:   map[string]string{"tcp": "nats", "mqtt": "nats", "http": "nats", "natss": "tls", "mqtts": "tls", "ssl": "tls", "https": "tls"},
		read:    readNATS,
		fields:  func(sink *Sink) (fieldRules, bool) { return fieldRules{}, sink.NATS.Format == "line" },
		check:   func(c *checker, r *readSink) { checkTemplate(c, r, "subject", r.NATS.Subject) },
	}
}

// readNATS reads what only sinks of type nats have.
func readNATS(s *source.Section, k *sinkKind, sink *Sink, _ *Bridge) {
	n := &sink.NATS
	encrypted := readServers(s, k, sink)
	sink.TLS = readTLS(s, encrypted, "tls://")
	readNATSLogin(s, &n.NATSLogin, "url")
	n.Format = s.OneOf("format", "batch", "line", "json", "value")
	n.Compress = readCompress(s, n.Format)
	sink.Flush = 200 * time.Millisecond // a round that takes so long is still one message
	if n.Format == "json" || n.Format == "value" {
		sink.Flush = 20 * time.Millisecond
		if !s.Has("batch") {
			sink.Batch = 500 // a message each: what is under way when the bridge ends comes again
		}
	}
	n.Subject = readSubject(s, n.Format)
	n.Stream = s.Text("stream", "")
	if v := s.Value("stream"); v.OK && !v.Open && strings.ContainsAny(v.Text, " \t\r\n.*>/\\") {
		v.Problemf("the name of a stream has no blanks and none of . * > / \\")
	}
	n.InFlight = s.Int("in_flight", 20, source.Between[int](1, 1000))
}

// readServers reads url, of one server or several, and user and password in it.
func readServers(s *source.Section, k *sinkKind, sink *Sink) (encrypted bool) {
	n := &sink.NATS
	values := s.Texts("url")
	if len(values) == 0 && !s.Value("url").Bad {
		s.Doc.Problemf(s.At, "%s has no url", s.What)
	}
	kinds := map[bool]bool{}
	user, password := "", source.Secret("")
	for _, v := range values {
		v.Shown = redactURL(v.Shown)
		address, u, p, tls := sinkURLOf(v, k)
		n.URLs = append(n.URLs, source.Secret(address))
		if u != "" && user == "" {
			user, password = u, p
		}
		if v.OK && !v.Open && address != "" {
			kinds[tls] = true
		}
	}
	if len(kinds) == 2 {
		values[0].Problemf("some servers with tls:// and some with nats://: what is sent to the others could be read")
	}
	if len(n.URLs) > 0 {
		sink.URL = n.URLs[0]
	}
	n.Username, n.Password = login(s, user, password)
	return len(kinds) == 0 || kinds[true]
}

// readNATSLogin reads what there is besides username and password, of which one is enough.
func readNATSLogin(s *source.Section, n *NATSLogin, at string) {
	v := s.Value("credentials")
	if v.OK && strings.Contains(v.Text, "-----BEGIN") {
		n.Credentials = s.Secret("credentials")
	} else {
		n.CredentialsFile = s.File("credentials")
	}
	n.NKey = s.Secret("nkey")
	key := s.Value("nkey")
	key.Shown = ""
	if key.OK && !key.Open && (!strings.HasPrefix(key.Text, "SU") || len(key.Text) != 58) {
		key.Problemf("must be the seed of a user: 58 characters that begin with SU")
	}
	ways := 0
	for _, is := range []bool{n.Credentials != "" || n.CredentialsFile != "", n.NKey != "", n.Username != ""} {
		if is {
			ways++
		}
	}
	if ways > 1 {
		s.Problemf(at, "credentials, nkey and username are three ways to log in: keep one")
	}
}

// readSubject reads the subject of messages of that format.
func readSubject(s *source.Section, format string) mapping.Template {
	def := "plant.{bridge}.{device}"
	if format == "value" {
		def = "plant.{bridge}.{device}.{tag}"
	}
	t, v := readTemplate(s, "subject", def, parseSubject)
	if !v.OK || v.Open {
		return t
	}
	fields := t.Fields()
	if format == "batch" && slices.Contains(fields, "tag") {
		v.Problemf("{tag} in the subject of format batch: one message holds many tags")
	}
	if format == "value" && (!slices.Contains(fields, "tag") || !slices.Contains(fields, "device")) {
		v.Warnf("format value without {device} and {tag} in the subject: nobody can tell whose value it is")
	}
	return t
}

// parseSubject reads the template of a subject, or says what is wrong with it.
func parseSubject(subject string) (t mapping.Template, reason string) {
	switch {
	case subject == "":
	case strings.ContainsAny(subject, "*>"):
		return t, "* and > are for subscribing: no message can be published to them"
	case strings.ContainsAny(subject, " \t\r\n"):
		return t, "a subject has no blanks"
	case strings.HasPrefix(subject, "$") || strings.HasPrefix(subject, "_INBOX"):
		return t, "subjects that begin with $ or _INBOX are the server's own"
	case strings.HasPrefix(subject, ".") || strings.HasSuffix(subject, ".") || strings.Contains(subject, ".."):
		return t, "an empty level: drop the . that has nothing before or after it"
	case strings.Contains(subject, "/"):
		return t, "levels of a subject have a . between them, and no /"
	}
	return parseTemplate(subject)
}
