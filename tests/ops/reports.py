"""Reports as mail servers write them, about a mail whose Message-ID is given."""

POSTFIX = """\
Return-Path: <>
Date: Sat, 21 Nov 2026 10:02:40 +0000 (UTC)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: account@localhost
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4FqX1.1/mx.example.net"
Message-Id: <20261121100240.5D1@mx.example.net>

This is a MIME-encapsulated message.

--4FqX1.1/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4FqX1.1/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4FqX1
X-Postfix-Sender: rfc822; account@localhost
Arrival-Date: Sat, 21 Nov 2026 10:02:38 +0000 (UTC)

Final-Recipient: rfc822; alice@example.com
Original-Recipient: rfc822;alice@example.com
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 <alice@example.com>: Recipient address
    rejected: User unknown in virtual table

--4FqX1.1/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Fern & Kettle <account@localhost>
To: alice@example.com
Subject: Your code
Message-ID: <{name}@localhost>

--4FqX1.1/mx.example.net--
"""

EXCHANGE = """\
Received: from DB9.prod.outlook.com by AM0.prod.outlook.com
MIME-Version: 1.0
From: <postmaster@contoso.example>
To: <account@localhost>
Date: Sat, 21 Nov 2026 10:02:40 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_54b2_"
In-Reply-To: <{name}@localhost>
References: <{name}@localhost>
Subject: Undeliverable: Your code
Auto-Submitted: auto-replied

--_54b2_
Content-Type: multipart/alternative; differences=Content-Type; boundary="_inner_"

--_inner_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to alice@example.com couldn't be delivered.=20
--_inner_
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>
--_inner_--
--_54b2_
Content-Type: message/delivery-status

Reporting-MTA: dns;DB9.prod.outlook.com

Final-Recipient: rfc822;alice@example.com
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException
X-Display-Name: alice@example.com

--_54b2_--
"""

GMAIL = """\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: account@localhost
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{name}@localhost>
In-Reply-To: <{name}@localhost>
X-Failed-Recipients: alice@example.com
Content-Type: multipart/report; boundary="000000000000aa"; report-type=delivery-status

--000000000000aa
Content-Type: text/plain; charset="UTF-8"

** Address not found **
Your message wasn't delivered to alice@example.com.
--000000000000aa
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; account@localhost
X-Original-Message-ID: <{name}@localhost>

Final-Recipient: rfc822; alice@example.com
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please
 550-5.1.1 try double-checking the recipient's email address.
Last-Attempt-Date: Sat, 21 Nov 2026 02:02:40 -0800 (PST)

--000000000000aa
Content-Type: message/rfc822

To: alice@example.com
Subject: Your code

K7QM4T
--000000000000aa--
"""

WHOLE_IN_BASE64 = """\
From: MAILER-DAEMON@mx.example.net
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; alice@example.com
Action: failed
Status: 5.7.1

--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

{base64}
--b--
"""

EXIM = """\
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: account@localhost
X-Failed-Recipients: alice@example.com
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender
Content-Type: text/plain; charset=utf-8

This message was created automatically by mail delivery software.

  alice@example.com
    host mail.example.com [192.0.2.5]
    SMTP error from remote mail server after RCPT TO:<alice@example.com>:
    550 5.1.1 unknown user

------ This is a copy of the message, including all the headers. ------

From: account@localhost
Message-ID: <{name}@localhost>
"""

QMAIL = """\
From: MAILER-DAEMON@qmail.example
To: account@localhost
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.

<alice@example.com>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <{name}@localhost>
"""

AWAY = """\
Return-Path: <>
From: Alice <alice@example.com>
To: account@localhost
In-Reply-To: <{name}@localhost>
Auto-Submitted: auto-replied
Subject: Out of office

I am away until room 5.1.1 is painted.
"""

ANSWER = """\
From: Alice <alice@example.com>
To: account@localhost
In-Reply-To: <{name}@localhost>
Subject: Re: Your code

Thank you! Postmaster 5.1.1
"""


def postfix(name: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """What Postfix writes."""
    return POSTFIX.format(name=name, action=action, status=status).encode()
