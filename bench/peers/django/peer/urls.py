from django.urls import path

from . import views

urlpatterns = [
    path("meals", views.meals),
    path("api/meals", views.Meals.as_view()),
    path("ready", views.ready),
]
