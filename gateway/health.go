package gateway

import "github.com/gofiber/fiber/v2"

type statusBody struct {
	Status string `json:"status"`
}

// getHealth tells that the process answers; what it needs may be away.
func (s *Server) getHealth(c *fiber.Ctx) error {
	return answer(c, statusBody{Status: "ok"})
}

// getReady tells a load balancer whether to send requests here. The reason
// for a no goes to the log, since anybody may ask.
func (s *Server) getReady(c *fiber.Ctx) error {
	if s.stopping.Load() {
		return errStopping
	}
	if err := s.config.Ready(c.UserContext()); err != nil {
		s.config.Log.Warn("not ready", "request_id", requestID(c.Context()), "error", err)
		return errNotReady
	}
	return answer(c, statusBody{Status: "ready"})
}
