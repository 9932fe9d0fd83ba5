"""Whether receivers believe that our mails are the sender's, and what they read in them."""
