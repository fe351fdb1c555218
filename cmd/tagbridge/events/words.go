package events

import "strings"

// sentences are what events say, by what the log says: {key} is what the log is told with that key, {key|one|many} a number of
// them, and a part between [ and ] is left out where the log was not told something that it needs. The kind, device, tag and
// sink are beside the text, and who did it.
var sentences = map[string]string{
	"starting": "the bridge starts; {before}",
	"stopping": "the bridge stops, as it was asked to",

	"reloaded":       "the configuration was loaded again: {what}[, which took {took}]",
	"reload refused": "what is on disk has {problems|problem|problems} and does not run[: {problem}]",
	"the configuration on disk is refused, the one that was applied last runs": "what is on disk has {problems|problem|problems}, the " +
		"configuration that was applied last runs[: {problem}]",
	"configuration cannot be loaded again": "the configuration is not loaded again: {err}",
	"tag maps edited":                      "tag maps were changed: {what}[; the comment is: {comment}]",
	"tag maps put back":                    "{reason}",
	"rejected samples are sent again":      "{what} that the sink rejected are sent to it again",

	"device offline": "the device is not read any more: {err}",
	"devices offline, as the connection is down": "the device is not read any more, as its connection is down: {err}",
	"device online": "the device is read again after {outage}[; {missed|poll was|polls were} left out]",
	"line overloaded: read these less often": "the connection has no time for all polls, in the last minute {late|was|were} late[; most of " +
		"its time goes to {slow_down}]",
	"line keeps up again": "the connection has time for all polls again after {outage}",

	"sink offline": "the sink takes nothing: {err}",
	"sink takes nothing until something is mended": "the sink takes nothing until something is mended: {err}",
	"sink hangs":                  "the sink hangs: {err}",
	"sink hangs no more":          "the sink takes samples again after {outage}",
	"sink online":                 "the sink takes samples again after {outage}[; {waiting|sample waits|samples wait} for it]",
	"samples refused by the sink": "the sink refused {samples|sample|samples}[, this one because of: {err}]",

	"reads an endpoint of the cluster":                                 "this member reads {endpoint} from now on",
	"delivers what a member has left":                                  "this member delivers to {sink} what {of} had read and not delivered when it was gone",
	"has delivered what a member left":                                 "what {of} had read and not delivered is delivered to {sink} by this member: {delivered} samples; refused {rejected}, without a copy {missing}",
	"leaves to others what a member left: the sink takes nothing here": "this member does not deliver to {sink} what {of} left, as the sink takes nothing here: others try it",
	"others have delivered for this member while it was away": "while this member was away, others delivered {delivered} samples of it to {sink}: " +
		"{remaining} are left to deliver here",
	"it cannot be found out what others delivered for this member: all that it has is delivered, some of it twice if they did": "it could not be found out " +
		"within {waited} what others delivered to {sink} for this member: all of its {samples} samples are delivered, some of them twice if others did: {err}",
	"samples of a member that is gone have no copy: they are lost, unless it comes back with its disk": "{samples} samples that {of} had for {sink} have no " +
		"copy ({why}): they are lost, unless it comes back with its disk",
	"leaves an endpoint to the cluster":   "this member does not read {endpoint} any more: it is another one's, or nobody reaches it",
	"members have different NATS servers": "{problem}",
	"members have the same NATS servers":  "all members name the same NATS servers again, as far as can be seen",
	"members are of different releases":   "{problem}",
	"members are of one release":          "all members are of one release again",
	"member of the cluster is gone":       "the member {node} is not heard any more: others read what it read",
	"member of the cluster is back":       "the member {node} is heard again",
	"cluster reached":                     "this member reaches most of the NATS servers",
	"cluster cannot be reached: this member reads nothing until it can be": "this member does not reach most of the NATS servers any more: it " +
		"reads nothing until it does",
	"cluster cannot be reached: this member goes on reading what it has": "this member does not reach most of the NATS servers any more: it " +
		"goes on reading what it has, and others may read that too",
	"cluster server connected":             "the NATS server {server} is reached",
	"cluster server not connected":         "the NATS server {server} is not reached: {err}",
	"name of this member is taken":         "{problem}",
	"name of this member is its own again": "no other member has the name of this one any more",

	"gives all its endpoints to the cluster":  "this member gives all that it reads to the others",
	"takes part in the cluster again":         "this member takes its share again",
	"revision applied":                        "revision {revision} of the cluster's configuration is applied: {what}[; the comment is: {comment}]",
	"revision refused, all runs on as before": "revision {revision} of the cluster's configuration is refused, all runs on as before: {err}",
	"files differ from the revision":          "{what} was changed here, and differs from revision {revision} of the cluster's configuration",
	"files are those of the revision again":   "the files are those of revision {revision} of the cluster's configuration again",
	"what was changed here by hand is replaced: tagbridge rollback has it": "{what} was changed here by hand, and is replaced: tagbridge " +
		"rollback has it",
	"files put back": "{reason}",

	"journal loses the oldest samples of a sink":           "the sink begins to lose its oldest samples: {reason}",
	"samples of a sink were lost":                          "the sink has lost {lost|sample|samples}[ in {after}]: {reason}",
	"samples that could not be written are lost to a sink": "the sink has lost {lost|sample|samples}: {reason}",
	"journal cannot write, samples stay in memory":         "the journal cannot be written, samples stay in memory: {err}",
	"journal cannot be opened: samples are in memory only until it can be, and lost if the bridge stops before": "the journal cannot be " +
		"opened, samples are in memory only until it can be, and lost if the bridge stops before: {err}",
	"journal writes again": "the journal is written again after {outage}",
}

// toldAs is what a key of the log is called in sentences.
func toldAs(key string) string {
	if key == "behind" {
		return "waiting"
	}
	return key
}

// sentence is what an event says when the log says message with told; ok is false where there is no sentence for that.
func sentence(message string, told map[string]string) (text string, ok bool) {
	form, known := sentences[message]
	if !known {
		return "", false
	}
	var out strings.Builder
	for form != "" {
		before, rest, found := strings.Cut(form, "[")
		part, whole := fill(before, told)
		if !whole {
			return "", false
		}
		out.WriteString(part)
		if !found {
			break
		}
		before, form, _ = strings.Cut(rest, "]")
		if part, whole := fill(before, told); whole {
			out.WriteString(part)
		}
	}
	return out.String(), true
}

// fill puts in what was told; whole is false when something of it was not.
func fill(form string, told map[string]string) (text string, whole bool) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(form, "{")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		key, after, _ := strings.Cut(rest, "}")
		key, nouns, counted := strings.Cut(key, "|")
		value := told[key]
		if value == "" {
			return "", false
		}
		out.WriteString(value)
		if one, many, _ := strings.Cut(nouns, "|"); counted && value == "1" {
			out.WriteString(" " + one)
		} else if counted {
			out.WriteString(" " + many)
		}
		form = after
	}
}
