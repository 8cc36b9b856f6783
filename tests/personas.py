"""The people of the stories, as the log names them."""

from kernel.terms import Actor, Role

XIAO_LI = Actor(Role.VISITOR, "c-xiaoli")
OLD_WANG = Actor(Role.VISITOR, "c-oldwang")
CHEN = Actor(Role.COUNSELOR, "chen")
LIU = Actor(Role.COUNSELOR, "liu")
PEER = Actor(Role.PEER_SUPPORTER, "peer")
SUN = Actor(Role.CRISIS_WORKER, "sun")
ZHAO = Actor(Role.SUPERVISOR, "zhao")
ADMIN = Actor(Role.ADMINISTRATOR, "admin")
PARTNER = Actor(Role.REFERRAL_PARTNER, "hospital")
STAFF = (CHEN, LIU, PEER, SUN, ZHAO)
EVERYBODY = (XIAO_LI, *STAFF, ADMIN, PARTNER)
