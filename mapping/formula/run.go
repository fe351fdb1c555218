package formula

// Result is what a formula gave. It is used again for the next: it holds the memory of a computation.
type Result struct {
	Kind    Kind
	Bits    uint64
	Text    string
	Quality uint32
	Time    int64  // that of the newest input; 0: there is none
	Input   int    // index of the input that the quality is of; -1: none
	Why     string // why there is no value, when no input is to blame

	run run // memory of Eval
}

// run is one evaluation under way.
type run struct {
	in      []*Input
	past    *Past
	now     int64
	quality uint32
	input   int
	why     string
}

// verdict is what was found out about quality so far, to go back to.
type verdict struct {
	quality uint32
	input   int
	why     string
}

func (r *run) verdict() verdict { return verdict{r.quality, r.input, r.why} }

func (r *run) restore(v verdict) { r.quality, r.input, r.why = v.quality, v.input, v.why }

// begin forgets what was found out.
func (r *run) begin() { r.restore(verdict{input: -1}) }

// fail notes that there is no value because of what is computed.
func (r *run) fail(q uint32, why string) {
	if !isBad(r.quality) {
		r.quality, r.input, r.why = q, -1, why
	}
}

// read notes that input i is used, and returns it.
func (r *run) read(i int) *Input {
	in := r.in[i]
	switch {
	case isBad(r.quality):
	case in.Kind == None:
		r.quality, r.input, r.why = in.Quality, i, ""
	case isUncertain(r.quality):
	case in.stale(r.now):
		r.quality, r.input = UncertainLastUsableValue, i
	case isUncertain(in.Quality):
		r.quality, r.input = UncertainDataSubNormal, i
	}
	return in
}

// mismatch notes that input i is not of the type that its place needs.
func (r *run) mismatch(i int) {
	if !isBad(r.quality) {
		r.quality, r.input, r.why = BadTypeMismatch, i, ""
	}
}

// Past is what a formula has been computed with before: what previous(x) gives. It is one formula's.
type Past struct {
	now, before []Input // by index of input
	valued      []int64 // of those that f is timed by, when they had their last value; kept for a process after this one
}

// keep takes the inputs over whose previous values f asks for.
func (p *Past) keep(f *Formula, in []*Input) {
	if p.now == nil {
		p.now, p.before = make([]Input, len(in)), make([]Input, len(in))
	}
	for _, i := range f.previous {
		if in[i].samples != p.now[i].samples && in[i].Kind != None {
			if p.now[i].samples == recalled && p.now[i].Time == in[i].Time { // it is told once more
				p.now[i].samples = in[i].samples
				continue
			}
			p.before[i], p.now[i] = p.now[i], *in[i]
		}
	}
}

// time notes when the inputs that f is timed by had their last value.
func (p *Past) time(f *Formula, in []*Input) {
	if p.valued == nil {
		p.valued = make([]int64, len(f.timed))
	}
	for k, i := range f.timed {
		p.valued[k] = in[i].valued
	}
}

// Eval computes f of in, which are in the order of f.Inputs, at the time now, and fills in res. past is what it was
// computed with before, and may be nil for a formula that does not ask for it. It allocates nothing, but for texts of numbers.
func (f *Formula) Eval(in []*Input, past *Past, now int64, res *Result) {
	*res = Result{run: run{in: in, past: past, now: now, input: -1}}
	r := &res.run
	if len(f.previous) > 0 {
		past.keep(f, in)
	}
	if len(f.timed) > 0 && past != nil {
		past.time(f, in)
	}
	for _, i := range in {
		res.Time = max(res.Time, i.Time)
	}
	if f.timely {
		res.Time = max(res.Time, now)
	}
	f.result(r, res)
	res.Quality, res.Input, res.Why = r.quality, r.input, r.why
	if isBad(r.quality) {
		res.Kind, res.Bits, res.Text = None, 0, ""
	}
}
