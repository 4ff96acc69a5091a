package main

import "sort"

// transfer is one upload or download, from its start to its end. A restart (SES-10) creates a new transfer.
type transfer struct {
	issued  bool   // whether the device has the URL
	percent *int64 // the percentage in the last report
	end     string // the report that ended the transfer
}

// create is an unanswered create_upload_task, with the task that it started.
type create struct {
	at           int
	size, md5sum any
	task         *transfer
}

type advice struct {
	At   int    `json:"at"`
	Code string `json:"code"`
}

// session observes both topics of one device.
type session struct {
	profile            string
	given              []advice
	count              int
	seen               map[string]bool
	uploads, downloads map[any]*transfer // by name
	creates            map[any][]create  // unanswered, by name, the oldest first
	queries            int               // the number of unanswered get_download_task messages
	lastResponse       map[[2]any]string // the last task response, by type and name
	uploadReports      []int             // the indices of unanswered reports, the oldest first
	downloadReports    []int
	secondAnswers      map[expected]int // the number of permitted additional answers
}

// expected identifies an answer: its type and, for a create, the values that the answer repeats.
type expected struct{ kind, name, size, md5sum any }

func answerOf(kind string, m message) expected {
	if kind == "create_upload_task_rsp" {
		return expected{kind, m["name"], m["size"], m["md5sum"]}
	}
	return expected{kind: kind}
}

func answerTo(m message) expected { return answerOf(m["type"].(string)+"_rsp", m) }

func newSession(profile string) *session {
	return &session{
		profile:       profile,
		seen:          map[string]bool{},
		uploads:       map[any]*transfer{},
		downloads:     map[any]*transfer{},
		creates:       map[any][]create{},
		lastResponse:  map[[2]any]string{},
		secondAnswers: map[expected]int{},
	}
}

// observe takes the next message and returns an error if the message violates a rule. Do not use the session after an
// error: this example does not implement how a checker continues (SES-12).
func (s *session) observe(m message, dup bool) error {
	at := s.count
	s.count++
	spelt := string(spelling(m))
	if dup && s.seen[spelt] { // sent again (SES-11)
		s.secondAnswers[answerTo(m)]++
		return nil
	}
	s.seen[spelt] = true
	name := m["name"]
	switch m["type"] {
	case "create_upload_task":
		s.uploads[name] = &transfer{}
		s.creates[name] = append(s.creates[name], create{at, m["size"], m["md5sum"], s.uploads[name]})
	case "create_upload_task_rsp":
		return s.createResponse(at, m, spelt)
	case "report_upload_progress":
		return s.report(at, m, spelt, s.uploads, &s.uploadReports)
	case "report_upload_progress_rsp":
		return s.reportResponse(m, &s.uploadReports)
	case "get_download_task":
		s.queries++
	case "get_download_task_rsp":
		if s.queries > 0 {
			s.queries--
		} else if !s.isSecondAnswer(m) {
			return s.repeatedOrUnsolicited(at, m, spelt)
		}
		s.lastResponse[[2]any{m["type"], name}] = spelt
		s.downloads[name] = &transfer{issued: true}
	case "report_download_progress":
		return s.report(at, m, spelt, s.downloads, &s.downloadReports)
	case "report_download_progress_rsp":
		return s.reportResponse(m, &s.downloadReports)
	case "download":
		s.downloads[name] = &transfer{issued: true}
	}
	return nil
}

// advice returns the advice for a session that ends here, sorted by index and code.
func (s *session) advice() []advice {
	all := append([]advice{}, s.given...)
	unanswered := func(at int) { all = append(all, advice{at, "unanswered"}) } // SES-9
	for _, creates := range s.creates {
		for _, create := range creates {
			unanswered(create.at)
		}
	}
	for _, at := range append(append([]int{}, s.uploadReports...), s.downloadReports...) {
		unanswered(at)
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].At < all[j].At || all[i].At == all[j].At && all[i].Code < all[j].Code
	})
	return all
}

func (s *session) advise(at int, code string) { s.given = append(s.given, advice{at, code}) }

func (s *session) createResponse(at int, m message, spelt string) error {
	name := m["name"]
	creates := s.creates[name]
	newest := len(creates) - 1 // the newest create that the answer matches
	for newest >= 0 && (creates[newest].size != m["size"] || creates[newest].md5sum != m["md5sum"]) {
		newest--
	}
	switch {
	case newest >= 0:
		creates[newest].task.issued = true // without effect if a newer create has replaced the task
		s.creates[name] = append(creates[:newest], creates[newest+1:]...)
	case s.isSecondAnswer(m):
	case len(creates) > 0:
		return refused("echo-mismatch") // SES-2
	default:
		return s.repeatedOrUnsolicited(at, m, spelt)
	}
	s.lastResponse[[2]any{m["type"], name}] = spelt
	return nil
}

// isSecondAnswer returns whether m is a permitted additional answer (SES-11). If so, it counts m as received.
func (s *session) isSecondAnswer(m message) bool {
	it := answerOf(m["type"].(string), m)
	if s.secondAnswers[it] == 0 {
		return false
	}
	s.secondAnswers[it]--
	return true
}

func (s *session) repeatedOrUnsolicited(at int, m message, spelt string) error {
	if s.lastResponse[[2]any{m["type"], m["name"]}] != spelt {
		return refused("unsolicited-response") // SES-1, SES-4
	}
	s.advise(at, "repeated") // SES-11
	return nil
}

func (s *session) report(at int, m message, spelt string, tasks map[any]*transfer, unanswered *[]int) error {
	task := tasks[m["name"]]
	progress := m["progress"].(message)
	if task != nil && task.end == spelt {
		s.advise(at, "repeated") // SES-11
		s.secondAnswers[answerTo(m)]++
		return nil
	}
	switch {
	case task == nil:
		return refused("no-such-task") // SES-3, SES-5
	case !task.issued:
		return refused("progress-before-url") // SES-3
	case task.end != "":
		return refused("after-end") // SES-7
	}
	*unanswered = append(*unanswered, at)
	if percent, ok := progress["percent"].(int64); ok {
		if task.percent != nil && percent < *task.percent {
			s.advise(at, "percent-decreased") // SES-8
		}
		task.percent = &percent
	}
	ends := progress["percent"] == int64(100) // SES-7
	if s.profile == deployed {
		ends = isFinal(progress["state"])
	}
	if ends || progress["result_code"] != int64(0) {
		task.end = spelt
	}
	return nil
}

func (s *session) reportResponse(m message, unanswered *[]int) error {
	if len(*unanswered) > 0 {
		*unanswered = (*unanswered)[1:]
	} else if !s.isSecondAnswer(m) {
		return refused("unsolicited-response") // SES-6
	}
	return nil
}
