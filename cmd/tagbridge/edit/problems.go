package edit

import "time"

// OnDisk is what is wrong with the configuration that is on disk now, whichever runs.
type OnDisk struct {
	Problems []Problem `json:"problems"`
	Checked  time.Time `json:"checked"`
}

// Problems checks what is on disk, again only when it has changed.
func (e *Editor) Problems() (*OnDisk, error) {
	d, err := e.now()
	if err != nil {
		return nil, err
	}
	return &OnDisk{problemsOf(d.problems, &d.names), d.at.UTC()}, nil
}
