"""The published forms of credentials of payment, messaging, mail and office services (rows as in `forms_cloud`)."""

from __future__ import annotations

from typing import Final

PAYMENT: Final = r"""
stripe/key                  (?:sk|rk)_(?:live|test|prod)_   [A-Za-z0-9]{10,247}
stripe/webhook              whsec_[A-Za-z0-9+/]{8}        [A-Za-z0-9+/]{24,56}={0,2}
square/token                sq0(?:csp|atp|idp)-           [A-Za-z0-9_\-]{22,43}
square/access?              EAAA[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{52}
paypal/token                access_token\$[a-z]{6}          [a-z]{1,6}\$[a-z0-9]{16}\$[a-f0-9]{32}
plaid/token                 access-(?:sand|deve|prod)       [a-z]{3,7}-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}
shopify/token               shp(?:at|ca|pa|ss|tk)_[a-fA-F0-9]{8}    [a-fA-F0-9]{24}
flutterwave/key             FLW(?:SEC|PUB)K                 (?:_TEST)?-[a-h0-9]{12,34}-X
razorpay/key                rzp_(?:live|test)_            [A-Za-z0-9]{14}
gocardless/token?           \blive_[A-Za-z0-9_\-=]{12}      [A-Za-z0-9_\-=]{28}
mollie/key?                 \b(?:live|test)_[A-Za-z0-9]{12} [A-Za-z0-9]{18}
lob/key?                    \b(?:live|test)_[a-f0-9]{12}    [a-f0-9]{23}
duffel/token                duffel_(?:test|live)_           [A-Za-z0-9_\-=]{43}
easypost/key                EZ[AT]K[A-Za-z0-9]{8}         [A-Za-z0-9]{46}
shippo/token                shippo_(?:live|test)_           [a-fA-F0-9]{40}
paddle/key                  pdl_(?:live|sdbx)_apikey_       [a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}
polar/token                 polar_(?:oat|pat)_              [A-Za-z0-9]{30,60}
adyen/key?                  AQE[a-z0-9]{8}                [A-Za-z0-9+/*=\-]{80,250}
"""
"""Payment and delivery."""

MESSAGING: Final = r"""
slack/bot                   xox[bpear]-[0-9]{8}             \d{0,5}-[A-Za-z0-9\-]{12,250}
slack/configuration         xoxe\.xox[bp]-[0-9]-            [A-Za-z0-9]{140,170}
slack/app                   xapp-[0-9]-[A-Z0-9]{4}          [A-Z0-9]{4,12}-\d{9,14}-[a-f0-9]{40,70}
slack/webhook               hooks\.slack\.com/[a-z]{8}      s?/[A-Za-z0-9+/]{20,90}
discord/webhook             /api/webhooks/[0-9]{8}          \d{9,12}/[A-Za-z0-9_\-]{60,80}
discord/bot?                [MNO][A-Za-z0-9_\-]{23,27}<\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{12}  [A-Za-z0-9_\-]{15,26}
telegram/bot                \d{0,2}<[0-9]{8}:AA[A-Za-z0-9_\-]{4}  [A-Za-z0-9_\-]{29}
twilio/key                  \bSK[0-9a-f]{8}                 [0-9a-f]{24}
twilio/account              \bAC[0-9a-f]{8}                 [0-9a-f]{24}
sendgrid/key                SG\.[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{4,24}\.[A-Za-z0-9_\-]{14,64}
mailgun/key                 key-[a-f0-9]{8}               [a-f0-9]{24}
mailgun/private             [a-f0-9]{32}-[a-f0-9]{8}-     [a-f0-9]{8}
mailchimp/key?              [A-Za-z0-9]{32}<-us[0-9]        \d?
brevo/key                   xkeysib-[a-f0-9]{8}             [a-f0-9]{56}-[A-Za-z0-9]{16}
brevo/smtp                  xsmtpsib-[a-f0-9]{8}            [a-f0-9]{56}-[A-Za-z0-9]{16}
resend/key?                 \bre_[A-Za-z0-9]{8}             _[A-Za-z0-9]{20,26}
teams/webhook  webhook\.office\.com/webhook  b2/[a-f0-9\-]{36}@[a-f0-9\-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9\-]{36}
zapier/webhook              hooks\.zapier\.com/hooks/       (?:catch|standard)/\d{4,10}/[A-Za-z0-9]{5,40}
intercom/token              dG9rO[A-Za-z0-9+/]{8}         [A-Za-z0-9+/]{40,80}={0,2}
klaviyo/key?                pk_[a-f0-9]{12}               [a-f0-9]{22}
beamer/token?               \bb_[A-Za-z0-9=_\-]{12}         (?=[A-Za-z_=\-]*\d)[A-Za-z0-9=_\-]{32}
facebook/token?             EAA[A-Z][A-Za-z0-9]{12}       [A-Za-z0-9]{55,260}
facebook/app                \d{0,4}<[0-9]{13}\|[A-Za-z0-9_\-]{4}  [A-Za-z0-9_\-]{22,24}
twitter/bearer              AAAAAAAAAAAAAAAAAAAA          [A-Za-z0-9%]{60,130}
instagram/token?            IG(?:QV|AA)[A-Za-z0-9_\-]{12} [A-Za-z0-9_\-]{80,260}
vk/token                    vk1\.a\.[A-Za-z0-9_\-]{8}     [A-Za-z0-9_\-]{70,300}
wechat/app                  \bwx[a-f0-9]{12}                [a-f0-9]{4}
linkedin/token?             AQ[UVWX][A-Za-z0-9_\-]{12}    [A-Za-z0-9_\-]{200,400}
"""
"""Messages, mail, social networks."""

OFFICE: Final = r"""
notion/secret?              secret_[A-Za-z0-9]{12}        [A-Za-z0-9]{31}
notion/token                ntn_[A-Za-z0-9]{8}            [A-Za-z0-9]{35,38}
linear/key                  lin_api_[A-Za-z0-9]{8}          [A-Za-z0-9]{32}
linear/oauth                lin_oauth_[A-Za-z0-9]{8}        [A-Za-z0-9]{32,56}
airtable/token              pat[A-Za-z0-9]{14}\.          [a-f0-9]{64}
asana/token                 \b[0-9]/[0-9]{16}[:/]           (?:\d{16}:)?[a-f0-9]{32}
clickup/token               pk_[0-9]{6}                   \d{0,4}_[A-Z0-9]{32}
figma/token                 fig[dou]_[A-Za-z0-9_\-]{8}      [A-Za-z0-9_\-]{31,35}
typeform/token              tfp_[A-Za-z0-9_.=\-]{8}       [A-Za-z0-9_.=\-]{32,60}
contentful/token            CFPAT-[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{35}
dropbox/token               sl\.[A-Za-z0-9_\-]{12}        [A-Za-z0-9_\-]{100,1400}
dropbox/long?               [A-Za-z0-9_\-]{10}<[B-Za-z0-9_\-]AAAAAAAAAA[B-Za-z0-9_\-]  [A-Za-z0-9_\-]{42}
hubspot/token               pat-(?:na|eu)[0-9]-           [a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}
salesforce/session?         \b00D[A-Za-z0-9]{12}            [A-Za-z0-9]{0,3}![A-Za-z0-9_.]{80,130}
frameio/token               fio-u-[A-Za-z0-9_\-=]{8}        [A-Za-z0-9_\-=]{56}
mapbox/secret               sk\.eyJ[A-Za-z0-9_\-]{8}      [A-Za-z0-9_\-]{30,200}\.[A-Za-z0-9_\-]{20,30}
sanity/token?               \bsk[A-Za-z0-9]{40}             [A-Za-z0-9]{40,140}
segment/key?                sgp_[A-Za-z0-9]{20}           [A-Za-z0-9]{44}
adobe/secret                p8e-[A-Za-z0-9]{8}            [A-Za-z0-9]{24}
rapidapi/key                [0-9a-f]{10}msh[0-9a-f]{8}      [0-9a-f]{7}p1[0-9a-f]{5}jsn[0-9a-f]{12}
cloudinary/url              cloudinary://[0-9]{8}           \d{4,10}:[A-Za-z0-9_\-]{20,40}@[A-Za-z0-9_\-]+
okta/token                  SSWS\x2000[A-Za-z0-9_\-]{8}    [A-Za-z0-9_\-]{32}
lichess/token?              \bli[po]_[A-Za-z0-9]{8}         [A-Za-z0-9]{12}
roblox/cookie               _\|WARNING:-DO-NOT-SHARE-       [A-Za-z.\-]{60,120}\|_[A-Z0-9]{100,1200}
ntlm/message                TlRMTVNTUAA[A-Za-z0-9+/]{8}     [A-Za-z0-9+/]{30,600}={0,2}
"""
"""Office, content, login."""
