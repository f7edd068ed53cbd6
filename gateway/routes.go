package gateway

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
)

// walletBody is the limit of what wallets may send, as in the rest of Taler.
const walletBody = 4 << 10

// route is one row of the API.
type route struct {
	method  string
	path    string
	role    Role // "" for everybody
	inner   bool // not on the public listener when there are two
	summary string
	handle  fiber.Handler
}

// routes lists every route there is. /docs shows this list.
func (s *Server) routes() []route {
	const account = "/accounts/:account"
	const wireGateway = account + "/" + wireGatewayName
	const revenue = account + "/" + revenueName
	const prepared = account + "/" + preparedName
	return []route{
		{"GET", "/config", "", false, "name, version and accounts of this gateway", s.getConfig},
		{"GET", account + "/config", "", false, "rules of one account", s.getAccountConfig},
		{"POST", account + "/registrations", "", false, "register a key and get its subject", s.postRegistration},
		{"GET", account + "/registrations/:authorization_pub", "", false, "subject and state of a registered key", s.getRegistration},
		{"DELETE", account + "/registrations/:authorization_pub", "", false, "end a registration before its time", s.deleteRegistration},
		{"GET", account + "/registrations/:authorization_pub/qr.svg", "", false, "picture to pay with: QR-bill, EPC code or the like", s.getPicture(pictureSVG)},
		{"GET", account + "/registrations/:authorization_pub/qr.png", "", false, "the same as pixels", s.getPicture(picturePNG)},
		{"GET", account + "/registrations/:authorization_pub/qr.pdf", "", false, "the same to be printed, a QR-bill with its receipt", s.getPicture(picturePDF)},
		{"POST", account + "/mappings", "", false, "say what the next transfer of a key becomes", s.postMapping},

		{"GET", prepared + "/config", "", false, "Taler Prepared Transfer: version, currency and formats", s.getPreparedConfig},
		{"POST", prepared + "/registration", "", false, "Taler Prepared Transfer: register a key and map it in one call", s.postPreparedRegistration},
		{"DELETE", prepared + "/registration", "", false, "Taler Prepared Transfer: the same as unregistration", s.postUnregistration},
		{"POST", prepared + "/unregistration", "", false, "Taler Prepared Transfer: end a registration before its time", s.postUnregistration},

		{"GET", account + "/mappings", RoleExchange, true, "mappings and what used them", s.getMappings},
		{"GET", wireGateway + "/config", RoleExchange, true, "Taler Wire Gateway: version and currency", s.getWireConfig},
		{"GET", wireGateway + "/history/incoming", RoleExchange, true, "Taler Wire Gateway: credited transfers, with long polling", s.getHistoryIncoming},
		{"GET", wireGateway + "/history/outgoing", RoleExchange, true, "Taler Wire Gateway: transfers that were paid, with long polling", s.getHistoryOutgoing},
		{"POST", wireGateway + "/transfer", RoleExchange, true, "Taler Wire Gateway: order a transfer", s.postTransfer},
		{"GET", wireGateway + "/transfers", RoleExchange, true, "Taler Wire Gateway: what was ordered and how it stands", s.getTransfers},
		{"GET", wireGateway + "/transfers/:row_id", RoleExchange, true, "Taler Wire Gateway: one ordered transfer", s.getTransfer},
		{"GET", wireGateway + "/account/check", RoleExchange, true, "Taler Wire Gateway: whether payments can go to an account", s.getAccountCheck},
		{"POST", wireGateway + "/admin/add-incoming", RoleExchange, true, "tests: invent a transfer to a reserve key", s.postAddIncoming},
		{"POST", wireGateway + "/admin/add-kycauth", RoleExchange, true, "tests: invent a transfer to a KYC key", s.postAddKYCAuth},
		{"POST", wireGateway + "/admin/add-mapped", RoleExchange, true, "tests: invent a transfer to a registered key", s.postAddMapped},

		{"GET", revenue + "/config", RoleExchange, true, "Taler Revenue: version and currency", s.getRevenueConfig},
		{"GET", revenue + "/history", RoleExchange, true, "Taler Revenue: everything that arrived, with long polling", s.getRevenueHistory},

		{"POST", account + "/bank/incoming", RoleBank, true, "report incoming transfers as JSON, NDJSON or camt.054", s.postIncoming},
		{"GET", account + "/bank/outgoing", RoleBank, true, "payments to make, leased to the caller", s.getOutgoing},
		{"POST", account + "/bank/outgoing", RoleBank, true, "tell what became of a lease, or what the bank says in a pain.002", s.postReport},
		{"POST", account + "/bank/outgoing/:id", RoleBank, true, "tell what became of a payment", s.postOutgoing},

		{"GET", "/admin" + account + "/proof-of-work", RoleOperator, true, "what the price of a subject comes from", s.getTerms},
		{"POST", "/admin" + account + "/proof-of-work", RoleOperator, true, "set base price and seal for all replicas", s.postTerms},

		{"GET", "/admin/manual", RoleOperator, true, "transfers that wait for a person", s.getCases},
		{"GET", "/admin/manual/log", RoleOperator, true, "who decided what about them, and why", s.getCaseLog},
		{"POST", "/admin/manual/:id/credit", RoleOperator, true, "credit a reserve or a KYC account with one", s.postCredit},
		{"POST", "/admin/manual/:id/bounce", RoleOperator, true, "send one back, or to a given account", s.postBounce},
		{"POST", "/admin/manual/:id/write-off", RoleOperator, true, "end one that was dealt with elsewhere", s.postWriteOff},

		{"GET", "/metrics", "", true, "Prometheus metrics", s.metricsPage()},
		{"GET", "/healthz", "", false, "the process answers", s.getHealth},
		{"GET", "/readyz", "", false, "requests can be served now", s.getReady},
		{"GET", "/openapi.yaml", "", false, "this API for programs", s.getOpenAPI},
		{"GET", "/docs", "", false, "this API for people", s.getDocs},
		{"GET", "/", "", false, "the same, for those who only know the address", s.getDocs},
	}
}

// addRoutes puts the table into a fiber application.
func (s *Server) addRoutes(app *fiber.App, withInner bool) {
	preflight := map[string]bool{}
	for _, r := range s.routes() {
		if r.inner && !withInner {
			continue
		}
		if r.method == fiber.MethodGet {
			app.Get(r.path, s.serve(r)) // serves HEAD as well; fasthttp leaves the body out
		} else {
			app.Add(r.method, r.path, s.serve(r))
		}
		if !r.inner && !preflight[r.path] {
			preflight[r.path] = true
			app.Options(r.path, s.serve(route{path: r.path, handle: answerPreflight}))
		}
	}
}

// serve wraps a handler in what all routes share.
func (s *Server) serve(r route) fiber.Handler {
	limit := s.config.RoomLimit
	if strings.HasSuffix(r.path, "/bank/incoming") {
		limit = s.config.UploadLimit // reading included; the desk bounds its own steps
	}
	return func(c *fiber.Ctx) error {
		c.Context().SetUserValue(routeKey, r.path)
		if !r.inner {
			allowAnyOrigin(c)
		}
		// States change with every transfer, and answers to logins concern nobody else.
		c.Set(fiber.HeaderCacheControl, "no-store")
		if r.role != "" {
			name, err := authorize(s.config.Tokens, c.Get(fiber.HeaderAuthorization), r.role, param(c, "account"))
			if err != nil {
				return err
			}
			c.Context().SetUserValue(loginKey, name)
		}
		return s.run(c, r.handle, limit)
	}
}

// run calls a handler with a deadline.
func (s *Server) run(c *fiber.Ctx, handle fiber.Handler, limit time.Duration) error {
	ctx, cancel := within(s.base, limit)
	defer cancel()
	c.SetUserContext(ctx)
	return handle(c)
}

// param returns a decoded part of the path. fiber leaves them as they were
// sent; an undecodable one is returned as it is and fits nothing.
func param(c *fiber.Ctx, name string) string {
	text, err := url.PathUnescape(c.Params(name))
	if err != nil {
		return c.Params(name)
	}
	return text
}

// account finds the account that the path names.
func (s *Server) account(c *fiber.Ctx) (*subjects.Account, error) {
	return s.registrar.Account(param(c, "account"))
}

// The public side may be used from any web page: there is no cookie or
// network position that a foreign page could abuse (Fetch standard, CORS).
func allowAnyOrigin(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After, X-Request-Id")
}

func answerPreflight(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, HEAD, POST, DELETE")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type")
	c.Set(fiber.HeaderAccessControlMaxAge, "86400")
	return c.SendStatus(fiber.StatusNoContent)
}
