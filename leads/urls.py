"""The list of leads, taking one in by hand, the card of one and everything done from it."""

from django.urls import path

from leads.views import acts, card, creation, inbox

app_name = "leads"

urlpatterns = [
    path("", inbox.leads, name="list"),
    path("new/", creation.create, name="create"),
    path("<str:code>/", card.lead, name="card"),
    path("<str:code>/judge/", acts.judge, name="judge"),
    path("<str:code>/touch/", acts.touch, name="touch"),
    path("<str:code>/move/", acts.move, name="move"),
    path("<str:code>/lose/", acts.lose, name="lose"),
    path("<str:code>/win/", acts.win, name="win"),
    path("<str:code>/reopen/", acts.reopen, name="reopen"),
    path("<str:code>/assign/", acts.assign, name="assign"),
    path("<str:code>/merge/", acts.merge, name="merge"),
    path("<str:code>/unmerge/", acts.unmerge, name="unmerge"),
]
